// An on-duty photo is made small on the phone, so that it costs little to send and shows no more
// than it has to. Drawing it anew also leaves behind what the camera wrote into the file (the place,
// the device).
export const LONGEST_PX = 1280
const QUALITY = 0.7
const MOST_BYTES = 400 * 1024

export function fitted(width: number, height: number, longest = LONGEST_PX) {
  const scale = Math.min(1, longest / Math.max(width, height, 1))
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  }
}

async function packed(picture: ImageBitmap, longest: number, quality: number): Promise<Blob> {
  const size = fitted(picture.width, picture.height, longest)
  const canvas = document.createElement('canvas')
  canvas.width = size.width
  canvas.height = size.height
  canvas.getContext('2d')?.drawImage(picture, 0, 0, size.width, size.height)
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('the picture could not be packed'))),
      'image/jpeg',
      quality,
    )
  })
}

/** Throws where the file is not a picture. */
export async function shrink(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file)
  try {
    let blob = await packed(picture, LONGEST_PX, QUALITY)
    for (let longest = 960; blob.size > MOST_BYTES && longest >= 480; longest -= 240)
      blob = await packed(picture, longest, 0.6)
    return blob
  } finally {
    picture.close()
  }
}
