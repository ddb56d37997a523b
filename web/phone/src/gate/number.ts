// The number on a card: eight digits, the last a check digit (Luhn), so that a slip of the finger is
// seen before anybody is looked up.
export const NUMBER_DIGITS = 8

function sum(digits: string): number {
  let total = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i])
    const twice = i % 2 === 1 ? digit * 2 : digit
    total += twice > 9 ? twice - 9 : twice
  }
  return total
}

export const goodNumber = (text: string): boolean => /^\d{8}$/.test(text) && sum(text) % 10 === 0

/** The check digit that belongs behind seven digits. */
export const checkDigit = (seven: string): string => String((10 - (sum(`${seven}0`) % 10)) % 10)

/** What a person may have copied with gaps or in wide digits: "１２３４ 5674" as 12345674. */
export const bareNumber = (text: string): string => text.normalize('NFKC').replace(/[\s\-.·]/g, '')

/** "1234 5674": two groups are read aloud more easily. */
export const grouped = (digits: string): string =>
  digits.length > 4 ? `${digits.slice(0, 4)} ${digits.slice(4)}` : digits
