/// The list of assets, newest first.
import { assets } from "./assets"
import { hashOf } from "./route"

/** The library's list. */
export function Library() {
  return (
    <ul>
      {assets.value.map((asset) => (
        <li key={asset.id}>
          <a href={hashOf(asset.id)}>{asset.name}</a>
        </li>
      ))}
    </ul>
  )
}
