/// The line that saves a variant on another machine.
import type { Asset, Variant } from "../api/types"

const ENDINGS: Record<string, string> = {
  "audio/mpeg": "mp3",
  "audio/mp4": "m4a",
  "audio/ogg": "opus",
  "audio/flac": "flac",
  "audio/wav": "wav",
  "audio/x-wav": "wav",
}

/** The line that saves what is at an address under a name, quoted for a shell. */
export function curlLine(url: string, name: string): string {
  return `curl -L -o ${quoted(name)} ${quoted(url)}`
}

/** The name that a variant is saved by: the original's own, or with the ending of what it has become. */
export function fileName({ name, renditions }: Asset, variant: Variant): string {
  const ending = ENDINGS[renditions[variant]?.contentType ?? ""]
  const stem = name.replace(/\.[^.]{1,5}$/, "")
  return variant === "original" || !ending ? name : `${stem}.${ending}`
}

/** A word in single quotes, as a POSIX shell takes it. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}
