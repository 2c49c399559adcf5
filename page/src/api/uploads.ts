/// Direct uploads, as the server keeps them: opening, reading, completing and giving them up.
import { call } from "./client"
import type { Upload, Uploaded } from "./types"

const PLACE = "/api/audio/uploads"

/** Open an upload of a file. */
export function openUpload(file: File, ended: AbortSignal): Promise<Upload> {
  const body = { filename: file.name, size: file.size, ...(file.type && { contentType: file.type }) }
  return call("POST", PLACE, body, ended)
}

/** Read what has arrived of an upload, with links for what has not. */
export function readUpload(id: string, ended: AbortSignal): Promise<Upload> {
  return call("GET", `${PLACE}/${encodeURIComponent(id)}`, undefined, ended)
}

/** Make an asset of an upload that has arrived. Asked again, it answers the same. */
export function completeUpload(id: string, ended: AbortSignal): Promise<Uploaded> {
  return call("POST", `${PLACE}/${encodeURIComponent(id)}/complete`, undefined, ended)
}

/** Give an upload up, with what has arrived of it. */
export function giveUp(id: string): Promise<void> {
  return call("DELETE", `${PLACE}/${encodeURIComponent(id)}`)
}
