// The camera at the gate: started by a tap, stopped with the page, its light, and a photo in its
// stead. The phone's screen stays awake while it looks.
import { onScopeDispose, type Ref, ref, shallowRef } from 'vue'
import { stopDecoder, texts } from './decoder.ts'
import { Sightings } from './sightings.ts'

/** no: this phone gives no camera to a page. denied: its owner has not allowed it. */
export type CameraState = 'off' | 'starting' | 'on' | 'denied' | 'no' | 'failed'

/** What is looked at: the middle of the picture, this many pixels square. */
const SIDE = 720
const PAUSE_MS = 60
/** Without a code in sight for long, a look now and then saves the battery. */
const IDLE_AFTER_MS = 30_000
const IDLE_PAUSE_MS = 250
const PHOTO_LONGEST = 2_000

interface Light extends MediaTrackCapabilities {
  torch?: boolean
}

/** The largest square in the middle of a picture. */
export function middle(width: number, height: number) {
  const side = Math.min(width, height)
  return { x: Math.round((width - side) / 2), y: Math.round((height - side) / 2), side }
}

function drawn(video: HTMLVideoElement): Promise<ImageBitmap | ImageData> {
  const { x, y, side } = middle(video.videoWidth, video.videoHeight)
  const size = Math.min(SIDE, side)
  if (typeof OffscreenCanvas !== 'undefined')
    return createImageBitmap(video, x, y, side, side, { resizeWidth: size, resizeHeight: size })
  const canvas = document.createElement('canvas')
  canvas.width = size
  canvas.height = size
  const drawing = canvas.getContext('2d', { willReadFrequently: true })
  if (!drawing) return Promise.reject(new Error('no drawing surface'))
  drawing.drawImage(video, x, y, side, side, 0, 0, size, size)
  return Promise.resolve(drawing.getImageData(0, 0, size, size))
}

/** A photo as pixels, not larger than need be; throws where the file is no picture. */
async function photographed(file: Blob): Promise<ImageData> {
  const picture = await createImageBitmap(file)
  try {
    const scale = Math.min(1, PHOTO_LONGEST / Math.max(picture.width, picture.height))
    const canvas = document.createElement('canvas')
    canvas.width = Math.max(1, Math.round(picture.width * scale))
    canvas.height = Math.max(1, Math.round(picture.height * scale))
    const drawing = canvas.getContext('2d', { willReadFrequently: true })
    if (!drawing) throw new Error('no drawing surface')
    drawing.drawImage(picture, 0, 0, canvas.width, canvas.height)
    return drawing.getImageData(0, 0, canvas.width, canvas.height)
  } finally {
    picture.close()
  }
}

function stateAfter(error: unknown): CameraState {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied'
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'no' : 'failed'
}

export function useScanner(video: Ref<HTMLVideoElement | null>, found: (text: string) => void) {
  const state = ref<CameraState>('off')
  /** null where the camera has no light that a page may switch. */
  const torch = ref<boolean | null>(null)
  const stream = shallowRef<MediaStream | null>(null)
  const eyes = new Sightings()
  let wanted = false
  let round = 0
  let lock: WakeLockSentinel | null = null
  let lastSight = 0

  async function stayAwake(): Promise<void> {
    try {
      lock = (await navigator.wakeLock?.request('screen')) ?? null
    } catch {
      lock = null // the battery is low, or the browser knows no such thing
    }
  }

  function close(): void {
    round++
    for (const track of stream.value?.getTracks() ?? []) track.stop()
    stream.value = null
    torch.value = null
    void lock?.release().catch(() => undefined)
    lock = null
    eyes.forget()
  }

  function stop(): void {
    wanted = false
    close()
    stopDecoder()
    state.value = 'off'
  }

  async function lookOn(mine: number): Promise<void> {
    lastSight = performance.now()
    while (mine === round) {
      const element = video.value
      if (element && element.readyState >= 2 && element.videoWidth > 0) {
        try {
          const seen = await texts(await drawn(element))
          if (mine !== round) return
          const now = performance.now()
          if (seen.length > 0) lastSight = now
          const text = eyes.look(seen, now)
          if (text !== null) found(text)
        } catch {
          // one frame that could not be looked at; there is another in a moment
        }
      }
      const idle = performance.now() - lastSight > IDLE_AFTER_MS
      await new Promise((resolve) => setTimeout(resolve, idle ? IDLE_PAUSE_MS : PAUSE_MS))
    }
  }

  async function open(): Promise<void> {
    close()
    const mine = round
    if (!navigator.mediaDevices?.getUserMedia) {
      state.value = 'no'
      return
    }
    state.value = 'starting'
    try {
      const got = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: {
          facingMode: { ideal: 'environment' },
          width: { ideal: 1280 },
          height: { ideal: 720 },
        },
      })
      if (mine !== round) {
        for (const track of got.getTracks()) track.stop()
        return
      }
      stream.value = got
      const [track] = got.getVideoTracks()
      const can = (track?.getCapabilities?.() ?? {}) as Light
      torch.value = can.torch ? false : null
      // another app took the camera, or it was unplugged
      track?.addEventListener('ended', () => {
        if (mine === round) void open()
      })
      state.value = 'on'
      void stayAwake()
      void lookOn(mine)
    } catch (error) {
      if (mine !== round) return
      close()
      state.value = stateAfter(error)
    }
  }

  function start(): Promise<void> {
    wanted = true
    return open()
  }

  async function light(on: boolean): Promise<void> {
    const [track] = stream.value?.getVideoTracks() ?? []
    try {
      await track?.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] })
      torch.value = on
    } catch {
      torch.value = null
    }
  }

  /** The codes in a photo; none, too, where the file is no picture. */
  async function photo(file: Blob): Promise<string | null> {
    try {
      return new Sightings().look(await texts(await photographed(file), true), 0)
    } catch {
      return null
    }
  }

  function turned(): void {
    if (document.visibilityState !== 'visible') close()
    else if (wanted) void open()
  }
  document.addEventListener('visibilitychange', turned)
  onScopeDispose(() => {
    document.removeEventListener('visibilitychange', turned)
    stop()
  })
  return { state, torch, stream, start, stop, light, photo }
}
