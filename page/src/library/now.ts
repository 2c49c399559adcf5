/// What time it is, for words like "5 minutes ago": it moves on twice a minute.
import { signal } from "@preact/signals"

/** Milliseconds since 1970. */
export const now = signal(Date.now())

setInterval(() => (now.value = Date.now()), 30_000)
