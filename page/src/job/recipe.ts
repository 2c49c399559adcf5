/// Recipes: what audio is prepared to, and the targets that many ask for.
import type { Format, Recipe } from "../api/types"
import { dbtp, lufs } from "../words/loudness"

/** What the server does where nothing else is asked for. */
export const USUAL: Recipe = { targetLufs: -16, truePeakDbtp: -1, trim: true, format: "mp3", bitrateKbps: 192 }

/** Targets by what the audio is for. Broadcast is EBU R128; podcast and streaming are what their large platforms ask for. */
export const PRESETS: { name: string; targetLufs: number; truePeakDbtp: number }[] = [
  { name: "Podcast", targetLufs: -16, truePeakDbtp: -1 },
  { name: "Broadcast (EBU R128)", targetLufs: -23, truePeakDbtp: -1 },
  { name: "Streaming", targetLufs: -14, truePeakDbtp: -1 },
]

/** Formats, and whether they leave something out: then they have a bit rate. */
export const FORMATS: Record<Format, { name: string; lossy: boolean }> = {
  mp3: { name: "MP3", lossy: true },
  m4a: { name: "AAC (m4a)", lossy: true },
  opus: { name: "Opus", lossy: true },
  flac: { name: "FLAC", lossy: false },
  wav: { name: "WAV", lossy: false },
}

/** The name of the preset that a recipe's targets are, null if they are one's own. */
export function presetOf(recipe: Recipe): string | null {
  const found = PRESETS.find(
    ({ targetLufs, truePeakDbtp }) => targetLufs === recipe.targetLufs && truePeakDbtp === recipe.truePeakDbtp,
  )
  return found?.name ?? null
}

/** A recipe in a line: `−16.0 LUFS, at most −1.0 dBTP, silence trimmed, MP3 192 kbit/s`. */
export function inWords(recipe: Recipe): string {
  const { name, lossy } = FORMATS[recipe.format]
  return [
    lufs(recipe.targetLufs),
    `at most ${dbtp(recipe.truePeakDbtp)}`,
    recipe.trim ? "silence trimmed" : "silence kept",
    lossy ? `${name} ${recipe.bitrateKbps} kbit/s` : name,
  ].join(", ")
}
