/// The page as a whole: what is in the library on one side, what is chosen of it on the other.
import { useEffect } from "preact/hooks"

import { startOver } from "./library/assets"
import { chosen } from "./library/chosen"
import { Library } from "./library/library"
import { Detail } from "./player/detail"

export function App() {
  useEffect(() => void startOver(""), [])
  const asset = chosen.value
  return (
    <main>
      <h1>Greenroom</h1>
      <Library />
      {asset && <Detail asset={asset} key={asset.id} />}
    </main>
  )
}
