// The server's clock as this phone last heard it; kept with a person's day, so that it goes on right
// without a network. Everything that is written down carries this clock, and so does the moment of
// sending: the server sees by the two how far the phone was off.
let drift = 0

export const setDrift = (ms: number): void => {
  drift = ms
}
export const driftNow = (): number => drift
/** The server says what time it is. */
export const heardClock = (serverMs: number): void => {
  drift = serverMs - Date.now()
}
/** The present by the server's clock. */
export const now = (): Date => new Date(Date.now() + drift)
