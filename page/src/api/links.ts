/// Links to stored bytes. Those to the server's own folder lead to where this page came from.

/** A link as this page can follow it. `here` is the page's origin. */
export function followable(url: string, here: string): string {
  const link = new URL(url, here)
  const isOurs = link.pathname.startsWith("/api/storage/") && !link.searchParams.has("X-Amz-Signature")
  return isOurs ? here + link.pathname + link.search : link.href
}

/** Whether a link leads to another origin: the key must not go there. */
export function leadsAway(url: string, here: string): boolean {
  return new URL(url, here).origin !== here
}
