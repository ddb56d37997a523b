// The scanner's worker from the outside: one picture at a time, an answer for each, and a new worker
// where one has died.
import wasmAddress from 'zxing-wasm/reader/zxing_reader.wasm?url'
import type { Answer, Ask } from './scan.worker.ts'
import ScanWorker from './scan.worker.ts?worker'

const PATIENCE_MS = 15_000

let worker: Worker | null = null
let next = 1
let waiting: { id: number; settle: (texts: string[] | Error) => void } | null = null

function end(reason: string): void {
  worker?.terminate()
  worker = null
  waiting?.settle(new Error(reason))
}

function running(): Worker {
  if (worker) return worker
  worker = new ScanWorker()
  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    if (waiting?.id !== data.id) return
    waiting.settle(data.failed === undefined ? data.texts : new Error(data.failed))
  }
  worker.onerror = (event) => {
    event.preventDefault()
    end(event.message || 'the scanner stopped')
  }
  return worker
}

function asked(picture: ImageBitmap | ImageData, still: boolean): Promise<string[]> {
  const id = next++
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end('no answer'), PATIENCE_MS)
    waiting = {
      id,
      settle: (answer) => {
        clearTimeout(timer)
        waiting = null
        if (answer instanceof Error) reject(answer)
        else resolve(answer)
      },
    }
    const ask: Ask = { id, wasm: new URL(wasmAddress, location.href).href, picture, still }
    running().postMessage(ask, 'close' in picture ? [picture] : [picture.data.buffer])
  })
}

let last: Promise<unknown> = Promise.resolve()
/** The texts of the QR codes in a picture; throws where it could not be looked at. A photo waits for
 *  the camera's frame before it, and the next frame for the photo. */
export function texts(picture: ImageBitmap | ImageData, still = false): Promise<string[]> {
  const mine = last.then(() => asked(picture, still))
  last = mine.catch(() => undefined)
  return mine
}

export function stopDecoder(): void {
  end('stopped')
}
