// A camera whose picture the test holds up: getUserMedia answers with a canvas, drawn on by `hold`.
// Everything behind it (the video, the worker, the decoder) is the real thing.
import { picture } from './frames.mjs'

export const SIDE = 480

/** For context.addInitScript. */
export function fakeCamera(side) {
  const canvas = document.createElement('canvas')
  canvas.width = side
  canvas.height = side
  const drawing = canvas.getContext('2d')
  const image = drawing.createImageData(side, side)
  const pixels = new Uint32Array(image.data.buffer)
  const show = (grey) => {
    for (let i = 0; i < pixels.length; i++) pixels[i] = (grey ? grey[i] : 120) * 0x010101 + 0xff000000
    drawing.putImageData(image, 0, 0)
  }
  show(null)
  // a canvas that nobody draws on gives no frames
  setInterval(() => drawing.putImageData(image, 0, 0), 50)
  globalThis.holdUp = (base64) =>
    show(base64 === null ? null : Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)))
  navigator.mediaDevices.getUserMedia = async () => {
    if (globalThis.cameraDenied) throw new DOMException('', 'NotAllowedError')
    return canvas.captureStream(20)
  }
}

const drawn = new Map()
/** Holds a code up to the page's camera; null takes it away. */
export async function hold(page, content) {
  const key = content === null ? '' : content
  if (!drawn.has(key)) {
    const { grey } = await picture(content, SIDE, SIDE)
    drawn.set(key, content === null ? null : Buffer.from(grey).toString('base64'))
  }
  await page.evaluate((data) => globalThis.holdUp(data), drawn.get(key))
}
