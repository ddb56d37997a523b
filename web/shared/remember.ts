// Small choices kept on this machine (language, elder mode). Never anything about a person. A
// browser that refuses storage only forgets.
const prefix = 'shouwang.'

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(prefix + key)
  } catch {
    return null
  }
}

export function remember(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(prefix + key)
    else localStorage.setItem(prefix + key, value)
  } catch {
    return
  }
}
