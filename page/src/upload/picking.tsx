/// Choosing files to upload: by the browser's own dialog, or by dropping them anywhere on the page.
import { signal } from "@preact/signals"
import { useEffect } from "preact/hooks"

import { addFiles } from "./queue"

/** What the dialog offers first; the server judges by the bytes. */
const KINDS =
  "audio/*,video/mp4,video/webm,.wav,.w64,.aif,.aiff,.caf,.au,.flac,.mp3,.aac,.ogg,.opus,.m4a,.mp4,.webm,.mka,.amr,.wma"

const INPUT = "files"

/** Whether files hover over the page. */
export const hovering = signal(false)

/** Open the browser's dialog. */
export function pickFiles(): void {
  document.getElementById(INPUT)?.click()
}

/** What the dialog belongs to. It is opened by buttons, and not seen itself. */
export function FileInput() {
  return (
    <input
      id={INPUT}
      type="file"
      multiple
      accept={KINDS}
      hidden
      onChange={({ currentTarget }) => {
        addFiles(currentTarget.files ?? [])
        currentTarget.value = ""
      }}
    />
  )
}

/** Let files be dropped anywhere on the page. */
export function useDropping(): void {
  useEffect(() => {
    const listening = new AbortController()
    const options = { signal: listening.signal }
    document.addEventListener("dragover", over, options)
    document.addEventListener("dragleave", leave, options)
    document.addEventListener("drop", dropped, options)
    return () => listening.abort()
  }, [])
}

function over(event: DragEvent): void {
  if (!event.dataTransfer?.types.includes("Files")) return
  event.preventDefault()
  event.dataTransfer.dropEffect = "copy"
  hovering.value = true
}

function leave(event: DragEvent): void {
  if (event.relatedTarget === null) hovering.value = false
}

function dropped(event: DragEvent): void {
  if (!event.dataTransfer?.types.includes("Files")) return
  event.preventDefault()
  hovering.value = false
  addFiles(event.dataTransfer.files)
}
