/// The head of the page: its name, the search, the key, and the way to upload.
import icon from "./icon.svg"

import { forgetKey, key } from "./api/key"
import { Search } from "./library/search"
import { pickFiles } from "./upload/picking"

/** The head. */
export function Header() {
  return (
    <header class="head">
      <h1 class="brand">
        <a href="#/">
          <img src={icon} alt="" width="28" height="28" />
          Greenroom
        </a>
      </h1>
      <Search />
      {key.value && (
        <button class="plain" onClick={forgetKey}>
          Forget key
        </button>
      )}
      <button class="main" onClick={pickFiles}>
        Upload
      </button>
    </header>
  )
}
