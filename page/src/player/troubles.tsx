/// What keeps audio from being heard here.
import { NAMES, PLAY } from "./controls"
import type { Pair } from "./pair"

/** Why a variant can't be played. */
export function Troubles({ pair }: { pair: Pair }) {
  const troubles = Object.entries(pair.troubles.value) as [keyof typeof NAMES, string][]
  function retry(): void {
    pair.retry()
    document.getElementById(PLAY)?.focus() // this button goes
  }
  return (
    <div class="troubles">
      <div role="status">
        {troubles.map(([variant, sentence]) => (
          <p key={variant} class="trouble">
            {NAMES[variant]}: {sentence}
          </p>
        ))}
      </div>
      {troubles.length > 0 && (
        <button class="plain" onClick={retry}>
          Try to play it again
        </button>
      )}
    </div>
  )
}
