// The page as an app of its own: kept on the phone by a service worker, put on the home screen,
// brought up to date only when somebody says so. A new release waits; what is being typed stays.
import { ref } from 'vue'

/** A new release is here and waits. */
export const updateReady = ref(false)
/** The browser offers to put the page on the home screen. */
export const installable = ref(false)
/** The browser has promised not to clear what the phone keeps; null where it was not asked. */
export const persistent = ref<boolean | null>(null)

interface InstallEvent extends Event {
  prompt: () => Promise<unknown>
}
let offer: InstallEvent | null = null
let waiting: ServiceWorker | null = null
const ASK_MS = 3_600_000

function found(worker: ServiceWorker | null): void {
  // the first one ever takes over by itself: nothing older is there to be thrown away
  if (!worker || !navigator.serviceWorker.controller) return
  waiting = worker
  updateReady.value = true
}

export async function startPwa(): Promise<void> {
  window.addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault()
    offer = event as InstallEvent
    installable.value = true
  })
  window.addEventListener('appinstalled', () => {
    installable.value = false
  })
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return
  try {
    const registration = await navigator.serviceWorker.register('/sw.js', { scope: '/' })
    found(registration.waiting)
    registration.addEventListener('updatefound', () => {
      const next = registration.installing
      next?.addEventListener('statechange', () => {
        if (next.state === 'installed') found(registration.waiting)
      })
    })
    setInterval(() => void registration.update().catch(() => undefined), ASK_MS)
  } catch {
    // without one the page works as long as there is a network
  }
}

/** Takes the new release. What was written is on the disk; the page begins anew. */
export function takeUpdate(): void {
  if (!waiting) return
  let gone = false
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (gone) return
    gone = true
    location.reload()
  })
  waiting.postMessage({ type: 'SKIP_WAITING' })
}

export async function install(): Promise<void> {
  await offer?.prompt()
  offer = null
  installable.value = false
}

/** Asks the browser to keep what the phone holds even when room is short. */
export async function persist(): Promise<void> {
  try {
    const kept = (await navigator.storage?.persisted?.()) ?? false
    persistent.value = kept || ((await navigator.storage?.persist?.()) ?? false)
  } catch {
    persistent.value = false
  }
}
