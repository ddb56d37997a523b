// Looks for QR codes in pictures, away from the screen's own thread. Whatever a picture holds, it is
// answered: with the texts found, with none, or with what went wrong.
import { prepareZXingModule, type ReaderOptions, readBarcodes } from 'zxing-wasm/reader'

export interface Ask {
  id: number
  /** Where the decoder lies; with the first picture. */
  wasm: string
  picture: ImageBitmap | ImageData
  /** A still photo: take the time to look everywhere. */
  still: boolean
}
export interface Answer {
  id: number
  texts: string[]
  failed?: string
}

/** Longer texts than this are no pass; their end is not carried along. */
const LONGEST = 1_000
const MOST_CODES = 6

const QUICK: ReaderOptions = {
  formats: ['QRCode'],
  tryHarder: true,
  tryRotate: false,
  tryInvert: false,
  tryDownscale: false,
  maxNumberOfSymbols: MOST_CODES,
  textMode: 'Plain',
}
const THOROUGH: ReaderOptions = { ...QUICK, tryRotate: true, tryInvert: true, tryDownscale: true }

let wasm = ''
let surface: OffscreenCanvas | null = null

function pixels(picture: ImageBitmap | ImageData): ImageData {
  if (picture instanceof ImageData) return picture
  const { width, height } = picture
  if (surface?.width !== width || surface.height !== height)
    surface = new OffscreenCanvas(width, height)
  const drawing = surface.getContext('2d', { willReadFrequently: true })
  if (!drawing) throw new Error('no drawing surface')
  drawing.drawImage(picture, 0, 0)
  picture.close()
  return drawing.getImageData(0, 0, width, height)
}

async function look(ask: Ask): Promise<string[]> {
  if (wasm !== ask.wasm) {
    wasm = ask.wasm
    prepareZXingModule({ overrides: { locateFile: () => ask.wasm } })
  }
  const found = await readBarcodes(pixels(ask.picture), ask.still ? THOROUGH : QUICK)
  return found.filter((one) => one.isValid).map((one) => one.text.slice(0, LONGEST))
}

self.onmessage = async ({ data }: MessageEvent<Ask>) => {
  let answer: Answer
  try {
    answer = { id: data.id, texts: await look(data) }
  } catch (error) {
    answer = { id: data.id, texts: [], failed: String(error).slice(0, 200) }
  }
  self.postMessage(answer)
}
