/// Waiting before something is tried again: longer each time, never in step with other pages.

const LONGEST = 30

/** Seconds to wait after so many failures in a row. `chance` is 0 to 1, at random. */
export function backoff(failures: number, chance: number): number {
  const most = Math.min(LONGEST, 2 ** failures)
  return most * (0.5 + chance / 2)
}

/** Wait for some seconds, or until the network is back. Throw AbortError when `ended`. */
export function pause(seconds: number, ended?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, seconds * 1000)
    window.addEventListener("online", done)
    ended?.addEventListener("abort", gone)
    if (ended?.aborted) gone()

    function done() {
      clear()
      resolve()
    }
    function gone() {
      clear()
      reject(new DOMException("It was cancelled.", "AbortError"))
    }
    function clear() {
      clearTimeout(timer)
      window.removeEventListener("online", done)
      ended?.removeEventListener("abort", gone)
    }
  })
}
