/// The page as a whole: what is in the library on one side, what is chosen of it on the other.
import { useEffect, useRef } from "preact/hooks"

import { keyTurn, keyWanted } from "./api/key"
import { Header } from "./header"
import { assets, more, search, startOver } from "./library/assets"
import { chosen, chosenId, missing } from "./library/chosen"
import { KeyForm } from "./library/key-form"
import { Library } from "./library/library"
import { keepInStep } from "./library/live"
import { useScrolling } from "./library/scroll"
import { Detail } from "./player/detail"
import { FileInput, hovering, useDropping } from "./upload/picking"
import { isActive, sendings } from "./upload/queue"
import { Uploads } from "./upload/uploads"
import { announced } from "./words/announcing"
import "./style/shell.css"

/** The page. */
export function App() {
  useInStep()
  useDropping()
  useQuestionBeforeLeaving()
  const isEmpty = assets.value.length === 0 && !more.value && !search.value && !chosenId.value
  return (
    <>
      <Header />
      <main class={chosenId.value ? "shell has-chosen" : isEmpty ? "shell is-empty" : "shell"}>
        <div class="side">
          <Uploads />
          <Library />
        </div>
        {!isEmpty && <Chosen />}
      </main>
      <FileInput />
      <KeyForm />
      <p class="unseen" aria-live="polite">
        {announced.value}
      </p>
      {hovering.value && <div class="hovering">Drop to upload</div>}
    </>
  )
}

function Chosen() {
  const place = useRef<HTMLElement>(null)
  const asset = chosen.value
  const id = chosenId.value
  useEffect(() => {
    document.title = asset ? `${asset.name} · Greenroom` : "Greenroom"
  }, [asset])
  useScrolling(() => place.current?.focus({ preventScroll: true }))
  return (
    <section class="chosen" ref={place} tabIndex={-1} aria-label="What is chosen">
      {id && (
        <a class="back" href="#/">
          Library
        </a>
      )}
      {asset ? <Detail asset={asset} key={asset.id} /> : <Instead />}
    </section>
  )
}

function Instead() {
  if (!chosenId.value) return <Hint />
  return <p class="chosen-says">{missing.value || "Reading…"}</p>
}

function Hint() {
  return (
    <p class="chosen-says">
      Choose a sound to hear it.
      <br />
      By keys: <kbd>j</kbd> and <kbd>k</kbd> go through the list, <kbd>Enter</kbd> opens, <kbd>/</kbd> searches.
    </p>
  )
}

/** Read the library, and keep in step with the server; again with another key. */
function useInStep(): void {
  useEffect(() => {
    const ended = new AbortController()
    void keepInStep(ended.signal).catch(() => undefined)
    return () => ended.abort()
  }, [keyTurn.value])
  useEffect(() => void (keyWanted.peek() || startOver(search.peek())), [keyTurn.value])
}

function useQuestionBeforeLeaving(): void {
  const isSending = sendings.value.some(isActive)
  useEffect(() => {
    if (!isSending) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener("beforeunload", ask)
    return () => window.removeEventListener("beforeunload", ask)
  }, [isSending])
}
