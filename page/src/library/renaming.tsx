/// Giving an asset another name.
import { renameAsset } from "../api/assets"
import type { Asset } from "../api/types"
import { showAsset } from "./assets"
import { showChosen } from "./chosen"
import { Question } from "./question"

/** The question for its name. */
export function Renaming({ asset, close }: { asset: Asset; close: () => void }) {
  async function rename(form: FormData): Promise<void> {
    const renamed = await renameAsset(asset.id, String(form.get("name")).trim())
    showAsset(renamed)
    showChosen(renamed)
  }
  return (
    <Question title="Rename" deed="Rename" act={rename} close={close}>
      <label for="name">Name</label>
      <input id="name" name="name" required maxLength={200} defaultValue={asset.name} autofocus />
    </Question>
  )
}
