/// Asking for the API key, where the server wants one.
import { useEffect, useRef } from "preact/hooks"

import { key, keepKey, keyWanted } from "../api/key"
import "./dialog.css"

/** The question for the key. It is there for as long as the server refuses to answer without. */
export function KeyForm() {
  const dialog = useRef<HTMLDialogElement>(null)
  const wanted = keyWanted.value
  useEffect(ask, [wanted])
  function ask(): void {
    if (!keyWanted.value) dialog.current?.close()
    else if (!dialog.current?.open) dialog.current?.showModal()
  }
  function given(event: SubmitEvent): void {
    event.preventDefault()
    const typed = new FormData(event.currentTarget as HTMLFormElement).get("key")
    if (typeof typed === "string" && typed.trim()) keepKey(typed.trim())
  }
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="key-title" onClose={ask}>
      <form onSubmit={given}>
        <h2 id="key-title">This server wants a key</h2>
        <p id="key-note">Give one of its API keys. It stays in this tab, until you close it.</p>
        <label for="key">API key</label>
        <input id="key" name="key" type="password" autocomplete="off" required autofocus aria-describedby="key-note" />
        {key.value && <p role="alert">The server does not know this key.</p>}
        <div class="dialog-deeds">
          <button class="main">Go on</button>
        </div>
      </form>
    </dialog>
  )
}
