/// What there is to know of an asset, and to hear.
import type { Asset } from "../api/types"
import { Actions } from "../library/actions"

/** An asset in full. */
export function Detail({ asset }: { asset: Asset }) {
  return (
    <>
      <h2>{asset.name}</h2>
      <Actions asset={asset} />
    </>
  )
}
