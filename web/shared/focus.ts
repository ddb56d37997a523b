// Focus and titles: after a page is shown the title says where one is, and the keyboard and the
// screen reader stand at its heading.
import { nextTick } from 'vue'

export function setTitle(text: string): void {
  document.title = text ? `${text} · 守望` : '守望'
}

export async function focusHeading(): Promise<void> {
  await nextTick()
  const heading = document.querySelector<HTMLElement>('main h1')
  if (!heading) return
  heading.tabIndex = -1
  heading.focus({ preventScroll: true })
}

/** Moves the focus within a list by arrow keys, Home and End; true when the key was one of them. */
export function arrowFocus(event: KeyboardEvent, items: HTMLElement[], columns = 1): boolean {
  const at = items.indexOf(document.activeElement as HTMLElement)
  if (at < 0) return false
  const steps: Record<string, number> = {
    ArrowDown: columns,
    ArrowUp: -columns,
    ArrowRight: columns > 1 ? 1 : 0,
    ArrowLeft: columns > 1 ? -1 : 0,
    Home: -at,
    End: items.length - 1 - at,
  }
  const step = steps[event.key]
  if (!step && event.key !== 'Home' && event.key !== 'End') return false
  const next = items[at + (step ?? 0)]
  event.preventDefault()
  next?.focus()
  return true
}
