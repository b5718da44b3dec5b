/** Where the reader is: the part of the address behind `#`. */
export type Place = { page: string; id: string | null; query: URLSearchParams }

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

/** Changes the query without a step in the history: filters are typed letter by letter. */
export function requery(query: Record<string, string>): void {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value))
  const path = [place.now.page, place.now.id].filter(Boolean).join('/')
  const text = search.toString()
  history.replaceState(null, '', `#/${path}${text ? `?${text}` : ''}`)
  place.now = read()
}
