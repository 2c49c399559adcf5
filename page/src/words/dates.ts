/// Dates in words: how long ago, while that says more than the day does.

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const ago = new Intl.RelativeTimeFormat("en", { numeric: "auto" })

/** When something was, seen from `now` (milliseconds): `5 minutes ago`, `yesterday`, `3 Nov 2026`. */
export function when(iso: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000)
  if (seconds < MINUTE) return "just now"
  if (seconds < HOUR) return ago.format(-Math.floor(seconds / MINUTE), "minute")
  if (seconds < DAY) return ago.format(-Math.floor(seconds / HOUR), "hour")
  if (seconds < 7 * DAY) return ago.format(-Math.floor(seconds / DAY), "day")
  return new Date(iso).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" })
}
