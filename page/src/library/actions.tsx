/// What can be done with an asset: try again, cancel, save, pass on, rename, delete.
import { useComputed } from "@preact/signals"
import { useRef, useState } from "preact/hooks"

import { downloadUrl, streamUrl } from "../api/assets"
import { cancelJob, retryJob } from "../api/jobs"
import type { Asset, Variant } from "../api/types"
import { announce } from "../words/announcing"
import { curlLine, fileName } from "./curl"
import { Deleting } from "./deleting"
import { isLive } from "./history"
import { latestOf, takeJob } from "./jobs"
import { Renaming } from "./renaming"
import { why } from "./trouble"
import "./actions.css"

/** The deeds, as buttons and links. */
export function Actions({ asset }: { asset: Asset }) {
  const [question, ask] = useState<"" | "delete" | "rename">("")
  const [said, say] = useState("")
  const place = useRef<HTMLElement>(null)
  const latest = useComputed(() => latestOf(asset.id).value)
  const variants = (["prepared", "original"] as const).filter((variant) => asset.renditions[variant])
  const job = latest.value
  const best = variants[0]
  function tell(sentence: string): void {
    say(sentence)
    announce(sentence)
  }
  const leave = () => place.current?.focus()
  return (
    <section class="actions-place" ref={place} tabIndex={-1} aria-label="What to do with it">
      <div class="actions">
        {job && isLive(job) && <Steer words="Cancel preparing" deed={() => cancelJob(job.id)} tell={tell} leave={leave} />}
        {(job?.status === "failed" || job?.status === "cancelled") && (
          <Steer words="Try again" main deed={() => retryJob(job.id)} tell={tell} leave={leave} />
        )}
        {variants.map((variant) => (
          <a class="button" href={downloadUrl(asset, variant)} download key={variant}>
            Download {variant}
          </a>
        ))}
        {best && <Copy words="Copy link" text={streamUrl(asset.id, best)} tell={tell} />}
        {best && <Copy words="Copy curl line" text={lineOf(asset, best)} tell={tell} />}
        <button onClick={() => ask("rename")}>Rename</button>
        <button class="danger" onClick={() => ask("delete")}>
          Delete
        </button>
      </div>
      <p class="actions-said">{said}</p>
      {question === "delete" && <Deleting asset={asset} close={() => ask("")} />}
      {question === "rename" && <Renaming asset={asset} close={() => ask("")} />}
    </section>
  )
}

function lineOf(asset: Asset, variant: Variant): string {
  return curlLine(streamUrl(asset.id, variant), fileName(asset, variant))
}

interface Told {
  words: string
  tell: (sentence: string) => void
}

interface Steered extends Told {
  deed: () => ReturnType<typeof cancelJob>
  /** Take the focus: the button goes when its deed is done. */
  leave: () => void
  main?: boolean
}

function Steer({ words, deed, tell, leave, main }: Steered) {
  const [busy, setBusy] = useState(false)
  async function act(): Promise<void> {
    setBusy(true)
    try {
      takeJob(await deed())
      tell("")
      leave()
    } catch (error) {
      tell(why(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <button class={main ? "main" : undefined} disabled={busy} onClick={() => void act()}>
      {words}
    </button>
  )
}

function Copy({ words, text, tell }: Told & { text: string }) {
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text)
      tell("Copied.")
    } catch {
      tell(`This browser does not let it be copied. It is: ${text}`)
    }
  }
  return <button onClick={() => void copy()}>{words}</button>
}
