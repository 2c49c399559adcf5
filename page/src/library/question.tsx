/// A question in a dialog: it is answered, or closed by Escape.
import type { ComponentChildren } from "preact"
import { useEffect, useRef, useState } from "preact/hooks"

import { why } from "./trouble"
import "./dialog.css"

interface Asked {
  title: string
  deed: string
  danger?: boolean
  keep?: string
  /** What is done when it is answered. While it is not done, the dialog stays. */
  act: (form: FormData) => Promise<void>
  close: () => void
  children: ComponentChildren
}

/** The question, as a form of one or no fields. */
export function Question({ title, deed, danger, keep = "Not now", act, close, children }: Asked) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [trouble, setTrouble] = useState("")
  const [busy, setBusy] = useState(false)
  useEffect(() => dialog.current?.showModal(), [])
  async function answer(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    setBusy(true)
    try {
      await act(new FormData(event.currentTarget as HTMLFormElement))
      dialog.current?.close()
    } catch (error) {
      setTrouble(why(error))
      setBusy(false)
    }
  }
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="question-title" onClose={close}>
      <form onSubmit={(event) => void answer(event)}>
        <h2 id="question-title">{title}</h2>
        {children}
        {trouble && <p role="alert">{trouble}</p>}
        <div class="dialog-deeds">
          <button type="button" onClick={() => dialog.current?.close()}>
            {keep}
          </button>
          <button class={danger ? "danger" : "main"} disabled={busy}>
            {deed}
          </button>
        </div>
      </form>
    </dialog>
  )
}
