// The sign of the day: a number of 0 to 99 that the resident's page and the guard's show alike, as a
// colour, a pattern and two digits. A picture taken yesterday carries yesterday's.
export interface Sign {
  /** Which of ten colours, and which of ten patterns: classes of shared/sign.css. */
  colour: number
  pattern: number
  digits: string
  zh: string
  en: string
}

const COLOURS: readonly (readonly [zh: string, en: string])[] = [
  ['红', 'red'],
  ['橙', 'orange'],
  ['黄', 'yellow'],
  ['绿', 'green'],
  ['青', 'cyan'],
  ['蓝', 'blue'],
  ['紫', 'purple'],
  ['粉', 'pink'],
  ['棕', 'brown'],
  ['黑', 'black'],
]
const PATTERNS: readonly (readonly [zh: string, en: string])[] = [
  ['实心', 'solid'],
  ['横条', 'bars across'],
  ['竖条', 'upright bars'],
  ['斜条', 'slanting bars'],
  ['圆点', 'dots'],
  ['方格', 'squares'],
  ['圆环', 'rings'],
  ['半边', 'halves'],
  ['边框', 'a frame'],
  ['十字', 'a cross'],
]

export function signOf(value: number): Sign {
  const [colour, pattern] = [Math.floor(value / 10) % 10, value % 10]
  return {
    colour,
    pattern,
    digits: String(value).padStart(2, '0'),
    zh: `${COLOURS[colour]?.[0]}色${PATTERNS[pattern]?.[0]}`,
    en: `${COLOURS[colour]?.[1]}, ${PATTERNS[pattern]?.[1]}`,
  }
}
