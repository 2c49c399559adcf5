/// What keeps audio from being heard here.
import { NAMES } from "./controls"
import type { Pair } from "./pair"

/** Why a variant can't be played. */
export function Troubles({ pair }: { pair: Pair }) {
  const troubles = Object.entries(pair.troubles.value) as [keyof typeof NAMES, string][]
  return (
    <div role="status">
      {troubles.map(([variant, sentence]) => (
        <p key={variant} class="trouble">
          {NAMES[variant]}: {sentence}
        </p>
      ))}
    </div>
  )
}
