/// What is being uploaded: each file with its progress, and what can be done about it.
import { useComputed } from "@preact/signals"

import { hashOf } from "../library/route"
import { size, speed } from "../words/sizes"
import { remaining } from "../words/times"
import type { Kept } from "./memory"
import { left, pace } from "./pace"
import { pickFiles } from "./picking"
import { abandon, cancel, drop, isActive, sendAgain, sendings, unfinished, type Sending, type Stand } from "./queue"
import "./uploads.css"

/** The uploads, nothing where there are none. */
export function Uploads() {
  const ended = useComputed(() => sendings.value.filter((sending) => !isActive(sending)))
  if (sendings.value.length + unfinished.value.length === 0) return null
  return (
    <section class="uploads" aria-labelledby="uploads-title">
      <div class="uploads-head">
        <h2 id="uploads-title">Uploads</h2>
        {ended.value.length > 0 && (
          <button class="plain" onClick={() => drop(...ended.value)}>
            Clear ended
          </button>
        )}
      </div>
      <ul>
        {sendings.value.map((sending) => (
          <Row sending={sending} key={sending.number} />
        ))}
        {unfinished.value.map((kept) => (
          <Unfinished kept={kept} key={kept.id} />
        ))}
      </ul>
    </section>
  )
}

function Row({ sending }: { sending: Sending }) {
  const { file } = sending
  const stand = sending.stand.value
  return (
    <li class={`upload ${stand.phase}`}>
      <span class="upload-name" title={file.name}>
        {file.name}
      </span>
      <span class="upload-deed">
        <Deed sending={sending} stand={stand} />
      </span>
      {isActive(sending) && <Bar stand={stand} file={file} />}
      <span class="upload-says">{says(stand, file.size)}</span>
    </li>
  )
}

function Bar({ stand, file }: { stand: Stand; file: File }) {
  const value = stand.phase === "finishing" ? undefined : (stand.marks.at(-1)?.sent ?? 0)
  return <progress aria-label={`Upload of ${file.name}`} max={file.size} {...(value !== undefined && { value })} />
}

function Deed({ sending, stand }: { sending: Sending; stand: Stand }) {
  const { name } = sending.file
  if (stand.phase === "failed") {
    return (
      <>
        {!stand.refused && <Button words="Try again" of={name} deed={() => sendAgain(sending)} />}
        <Button words="Dismiss" of={name} deed={() => drop(sending)} />
      </>
    )
  }
  if (stand.assetId) {
    return (
      <a class="plain button" href={hashOf(stand.assetId)}>
        Open<span class="unseen"> {name}</span>
      </a>
    )
  }
  if (stand.phase === "finishing") return null
  return <Button words="Cancel" of={name} deed={() => cancel(sending)} />
}

function Button({ words, of, deed }: { words: string; of: string; deed: () => void }) {
  return (
    <button class="plain" onClick={deed}>
      {words}
      <span class="unseen">: {of}</span>
    </button>
  )
}

function says({ phase, marks, why }: Stand, whole: number): string {
  if (why) return why
  if (phase === "queued") return `Waits for its turn · ${size(whole)}`
  if (phase === "finishing") return "Checking"
  if (phase === "done") return `Uploaded · ${size(whole)}`
  const [fast, time] = [pace(marks), left(marks, whole)]
  const amount = `${size(marks.at(-1)?.sent ?? 0)} of ${size(whole)}`
  return [amount, fast !== null && speed(fast), time !== null && remaining(time)].filter(Boolean).join(" · ")
}

function Unfinished({ kept }: { kept: Kept }) {
  return (
    <li class="upload">
      <span class="upload-name" title={kept.name}>
        {kept.name}
      </span>
      <span class="upload-deed">
        <Button words="Choose again" of={kept.name} deed={pickFiles} />
        <Button words="Give up" of={kept.name} deed={() => abandon(kept.id)} />
      </span>
      <span class="upload-says">Not finished. Choose the same file, and it goes on where it was.</span>
    </li>
  )
}
