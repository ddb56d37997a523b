// Frames for a fake camera: QR codes drawn by the decoder's own writer, set into a grey picture, and
// packed as Y4M, which Chromium plays in a loop with --use-file-for-fake-video-capture.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(new URL('../../web/package.json', import.meta.url))
const { prepareZXingModule, writeBarcode } = await import(
  new URL('../../web/node_modules/zxing-wasm/dist/es/writer/index.js', import.meta.url)
)
prepareZXingModule({
  overrides: { wasmBinary: readFileSync(require.resolve('zxing-wasm/writer/zxing_writer.wasm')) },
})

const QUIET = 4
const PAPER = 235
const INK = 25
const TABLE = 120

/** The code's modules: `size` a side, `data[y * size + x]` 0 where it is dark. */
export async function qr(content) {
  const made = await writeBarcode(content, { format: 'QRCode', options: 'ecLevel=M', scale: 1, addQuietZones: false })
  if (made.error) throw new Error(made.error)
  return { size: made.symbol.width, data: made.symbol.data }
}

/** A grey picture of that size with the code on a card in its middle; null: only the table. */
export async function picture(content, width = 480, height = 480) {
  const grey = new Uint8Array(width * height).fill(TABLE)
  if (content === null) return { width, height, grey }
  const { size, data } = await qr(content)
  const side = size + 2 * QUIET
  const scale = Math.max(1, Math.floor((Math.min(width, height) * 0.92) / side))
  const [left, top] = [Math.floor((width - side * scale) / 2), Math.floor((height - side * scale) / 2)]
  for (let y = 0; y < side * scale; y++) {
    for (let x = 0; x < side * scale; x++) {
      const [mx, my] = [Math.floor(x / scale) - QUIET, Math.floor(y / scale) - QUIET]
      const inside = mx >= 0 && my >= 0 && mx < size && my < size
      grey[(top + y) * width + left + x] = inside && data[my * size + mx] === 0 ? INK : PAPER
    }
  }
  return { width, height, grey }
}

/** Writes the pictures as a film, each standing for `hold` frames. */
export function film(path, pictures, { fps = 10, hold = 10 } = {}) {
  const [{ width, height }] = pictures
  const chroma = Buffer.alloc((width * height) / 2, 128)
  const parts = [Buffer.from(`YUV4MPEG2 W${width} H${height} F${fps}:1 Ip A1:1 C420jpeg\n`)]
  for (const { grey } of pictures)
    for (let i = 0; i < hold; i++) parts.push(Buffer.from('FRAME\n'), Buffer.from(grey), chroma)
  writeFileSync(path, Buffer.concat(parts))
}

/** The same picture as a file that can be chosen: an uncompressed BMP. */
export function bitmap({ width, height, grey }) {
  const row = width * 3 + ((4 - ((width * 3) % 4)) % 4)
  const file = Buffer.alloc(54 + row * height)
  file.write('BM')
  file.writeUInt32LE(file.length, 2)
  file.writeUInt32LE(54, 10)
  file.writeUInt32LE(40, 14)
  file.writeInt32LE(width, 18)
  file.writeInt32LE(height, 22)
  file.writeUInt16LE(1, 26)
  file.writeUInt16LE(24, 28)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      file.fill(grey[(height - 1 - y) * width + x], 54 + y * row + x * 3, 54 + y * row + x * 3 + 3)
  return file
}
