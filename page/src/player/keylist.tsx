/// The keys, for those who look them up.
import { singleKeys } from "../words/shortcuts"
import { KEYS } from "./keys"

/** What each key does. */
export function KeyList() {
  return (
    <details class="keys">
      <summary>Keys</summary>
      <dl>
        {KEYS.map(([keys, does]) => (
          <div key={keys}>
            <dt>{keys}</dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <label>
        <input type="checkbox" checked={singleKeys.value} onChange={() => (singleKeys.value = !singleKeys.peek())} />
        Single letters and signs are keys
      </label>
    </details>
  )
}
