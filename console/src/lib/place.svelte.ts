/** Where the reader is: the part of the address behind `#`. */
export type Place = { page: string; id: string | null; query: URLSearchParams }
type Query = Record<string, string | null | undefined>

function read(): Place {
  const [path = '', search = ''] = location.hash.replace(/^#\/?/, '').split('?')
  const [page = '', id] = path.split('/')
  return { page: page || 'today', id: id ? decodeURIComponent(id) : null, query: new URLSearchParams(search) }
}

export const place = $state({ now: read() })

addEventListener('hashchange', () => {
  place.now = read()
})

export function go(to: string): void {
  location.hash = to
}

/** The address of a page, for `go` and, behind `#`, for links. What is empty is left out. */
export function address(page: string, id?: string | null, query: Query = {}): string {
  const search = new URLSearchParams(Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]))).toString()
  return `/${page}${id ? `/${encodeURIComponent(id)}` : ''}${search ? `?${search}` : ''}`
}

/** Changes parts of the query without a step in the history: filters are typed letter by letter. */
export function requery(change: Query): void {
  const query = { ...Object.fromEntries(place.now.query), ...change }
  history.replaceState(null, '', `#${address(place.now.page, place.now.id, query)}`)
  place.now = read()
}
