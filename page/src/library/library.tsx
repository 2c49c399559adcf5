/// The library: its assets newest first, read on as one scrolls.
import { useEffect, useRef } from "preact/hooks"

import { keyWanted } from "../api/key"
import { pickFiles } from "../upload/picking"
import { assets, more, readMore, reading, search, trouble } from "./assets"
import { useRowKeys } from "./keys"
import { link } from "./live"
import { Row } from "./row"
import "./library.css"

/** The list, or what stands there where it is empty. */
export function Library() {
  const list = useRef<HTMLUListElement>(null)
  useRowKeys(list)
  const isEmpty = assets.value.length === 0
  return (
    <section class="library" aria-labelledby="library-title">
      <h2 id="library-title" class="unseen">
        Library
      </h2>
      <Link />
      <ul class="rows" ref={list}>
        {assets.value.map((asset) => (
          <Row asset={asset} key={asset.id} />
        ))}
      </ul>
      {isEmpty && !more.value && (search.value ? <NotFound /> : <Empty />)}
      {trouble.value && !keyWanted.value ? <Trouble /> : <End />}
    </section>
  )
}

const LINKS: Partial<Record<typeof link.value, string>> = {
  asking: "Live updates don't get through. Asking every few seconds instead.",
  away: "The server can't be reached. Trying again.",
}

function Link() {
  const says = LINKS[link.value]
  return (
    <p class="library-link" role="status">
      {says}
    </p>
  )
}

function Empty() {
  return (
    <button class="drop-zone" onClick={pickFiles}>
      <strong>Drop audio here</strong>
      <span>or choose files. Each is levelled, trimmed, and ready to compare with what it was.</span>
    </button>
  )
}

function NotFound() {
  return <p class="library-says">No name begins with “{search.value}”.</p>
}

function Trouble() {
  return (
    <p class="library-says" role="alert">
      {trouble.value}{" "}
      <button class="plain" onClick={() => void readMore()}>
        Try again
      </button>
    </p>
  )
}

/** The end of the list: when it comes near, more is read. */
function End() {
  const end = useRef<HTMLParagraphElement>(null)
  const count = assets.value.length
  useEffect(() => {
    const seen = new IntersectionObserver(([entry]) => entry?.isIntersecting && void readMore(), { rootMargin: "400px" })
    if (end.current) seen.observe(end.current)
    return () => seen.disconnect()
  }, [count])
  return (
    <p class="library-says" ref={end}>
      {reading.value ? "Reading…" : ""}
    </p>
  )
}
