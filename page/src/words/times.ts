/// Lengths of time in words: of sound as a clock shows them, of waiting as people say them.

/** Seconds as a clock shows them: `0:07`, `3:12`, `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds)
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const end = String(rest).padStart(2, "0")
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${end}` : `${minutes}:${end}`
}

/** A moment of sound that is so long, in tenths of a second where it is short: `0:07` of a minute, `0:07.3` of ten seconds. */
export function moment(seconds: number, length: number): string {
  if (length >= 15) return clock(seconds)
  const tenths = Math.round(seconds * 10)
  return `${clock(tenths / 10)}.${tenths % 10}`
}

/** What is left of waiting, in words: `8 s left`, `2 h 5 min left`. */
export function remaining(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds))
  if (whole < 60) return `${whole} s left`
  const minutes = Math.ceil(whole / 60)
  return minutes < 60 ? `${minutes} min left` : `${Math.floor(minutes / 60)} h ${minutes % 60} min left`
}
