/// What keeps audio from being heard or seen here, and what helps.
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

/** The bucket does not let this page do something: who runs the server can change that. */
export function MissingCors({ what }: { what: string }) {
  return (
    <p class="trouble" role="status">
      The bucket does not let this page {what}. Run <code>greenroom doctor --fix-cors {location.origin}</code> where the server runs.
    </p>
  )
}
