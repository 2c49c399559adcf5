/// What one plays with: play and pause, the moment, the variant that is heard, and equal loudness.
import type { Variant } from "../api/types"
import { decimal } from "../words/loudness"
import { moment } from "../words/times"
import { isTrimmed } from "./alignment"
import { matched } from "./matching"
import type { Pair } from "./pair"

/** What the variants are called. */
export const NAMES: Record<Variant, string> = { original: "Original", prepared: "Prepared" }

/** The id of the button that plays. */
export const PLAY = "play"

/** Play, or pause. */
export function PlayButton({ pair }: { pair: Pair }) {
  const playing = pair.playing.value
  return (
    <button id={PLAY} class="play" type="button" onClick={() => pair.toggle()} aria-label={playing ? "Pause" : "Play"}>
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d={playing ? "M7 5h4v14H7zM13 5h4v14h-4z" : "M8 5v14l11-7z"} />
      </svg>
    </button>
  )
}

/** What time it is, and how long it takes; whether the prepared audio is silent there. */
export function Clock({ pair }: { pair: Pair }) {
  const at = pair.time.value
  const silent = pair.heard.value === "prepared" && isTrimmed(at, pair.alignment.value)
  return (
    <div class="clock">
      <span>{moment(at, pair.length)}</span> <span class="of">/ {moment(pair.length, pair.length)}</span>
      {silent && <small>trimmed here</small>}
    </div>
  )
}

/** The moment, by mouse, touch and keys. */
export function Seek({ pair }: { pair: Pair }) {
  return (
    <input
      class="seek"
      type="range"
      min={0}
      max={pair.length}
      step={0.01}
      value={pair.time.value}
      aria-label="Position"
      aria-valuetext={`${moment(pair.time.value, pair.length)} of ${moment(pair.length, pair.length)}`}
      onInput={(event) => pair.seek(event.currentTarget.valueAsNumber)}
    />
  )
}

/** Which variant is heard. */
export function Choice({ pair }: { pair: Pair }) {
  return (
    <div class="choice" role="radiogroup" aria-label="Heard">
      {(["original", "prepared"] as const).map((variant) => (
        <label key={variant} class={variant}>
          <input
            type="radio"
            name="heard"
            checked={pair.heard.value === variant}
            disabled={pair.troubles.value[variant] !== undefined}
            onChange={() => pair.listen(variant)}
          />
          {NAMES[variant]}
        </label>
      ))}
    </div>
  )
}

/** Whether the louder variant is turned down, and by how much. */
export function Match({ variant, by }: { variant: Variant; by: number }) {
  return (
    <label class="match">
      <input type="checkbox" role="switch" checked={matched.value} onChange={() => (matched.value = !matched.peek())} />
      Equal loudness
      {matched.value && (
        <small>
          {NAMES[variant]} {decimal(-by)} dB
        </small>
      )}
    </label>
  )
}
