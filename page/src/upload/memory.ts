/// The uploads under way, kept for the tab's session: after a reload, the same file chosen again goes on.

const PLACE = "greenroom uploads"

/** What makes a file the same one. */
export type Marks = Pick<File, "name" | "size" | "lastModified">

/** An upload under way: its id, and the file it is of. */
export interface Kept extends Marks {
  id: string
}

/** The uploads that are kept. */
export function keptUploads(place: Storage = sessionStorage): Kept[] {
  try {
    return JSON.parse(place.getItem(PLACE) ?? "[]") as Kept[]
  } catch {
    return []
  }
}

/** The upload of a file, undefined if none is kept. */
export function keptUpload(file: Marks, place: Storage = sessionStorage): Kept | undefined {
  return keptUploads(place).find((kept) => isSame(kept, file))
}

/** Keep the upload of a file. */
export function keepUpload(id: string, file: Marks, place: Storage = sessionStorage): void {
  const { name, size, lastModified } = file
  const others = keptUploads(place).filter((kept) => !isSame(kept, file))
  place.setItem(PLACE, JSON.stringify([...others, { id, name, size, lastModified }]))
}

/** Keep an upload no longer. */
export function forgetUpload(id: string, place: Storage = sessionStorage): void {
  place.setItem(PLACE, JSON.stringify(keptUploads(place).filter((kept) => kept.id !== id)))
}

/** Whether two are the same file. */
export function isSame(one: Marks, other: Marks): boolean {
  return one.name === other.name && one.size === other.size && one.lastModified === other.lastModified
}
