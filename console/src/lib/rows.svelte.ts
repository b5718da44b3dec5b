import { api, ask, Refused, type DeviceList, type DeviceRow } from './api'

export type Asked = { q: string; sort: string; at: string | undefined }

/** Rows of one answer. */
const PAGE = 200

/** Devices of a filter, page after page as the reader comes to them. Rows that are there keep their places. */
export class Rows {
  all = $state.raw<DeviceRow[]>([])
  /** The newest answer, for its counts and its account of the filter. */
  list = $state.raw<DeviceList | undefined>(undefined)
  problem = $state.raw<Refused | undefined>(undefined)
  busy = $state(false)
  /** The collector's order is another by now. */
  moved = $state(false)
  #asked: Asked = { q: '', sort: '', at: undefined }
  #cursor: string | undefined
  #turn = 0
  #adding = false

  async #page(cursor?: string): Promise<DeviceList> {
    const { q, sort, at } = this.#asked
    const query = { q, limit: PAGE, ...(sort ? { sort } : {}), ...(at ? { at } : {}), ...(cursor ? { cursor } : {}) }
    return ask(api.GET('/api/v1/devices', { params: { query } }))
  }

  async #try(then: (list: DeviceList) => void, cursor?: string): Promise<void> {
    const turn = this.#turn
    this.busy = true
    try {
      const list = await this.#page(cursor)
      if (turn !== this.#turn) return
      this.problem = undefined
      then(list)
    } catch (error) {
      if (turn !== this.#turn) return
      this.problem = error instanceof Refused ? error : new Refused(0, 'This list failed.', 'Load it again.', '')
      if (this.problem.status === 401) dispatchEvent(new CustomEvent('holter:logged-out'))
    } finally {
      if (turn === this.#turn) this.busy = false
    }
  }

  #first(list: DeviceList): void {
    this.all = list.items
    this.list = list
    this.#cursor = list.next_cursor ?? undefined
    this.moved = false
  }

  /** Another question: the rows of the old one stay until it is answered. */
  async begin(asked: Asked): Promise<void> {
    this.#asked = asked
    this.#turn += 1
    this.#adding = false
    await this.#try((list) => this.#first(list))
  }

  /** The rows after those that are there. */
  async further(): Promise<void> {
    const cursor = this.#cursor
    if (!cursor || this.#adding) return
    this.#adding = true
    await this.#try((list) => {
      // Between two pages the collector's order may have moved: no device stands here twice.
      const known = new Set(this.all.map((row) => row.id))
      this.all = [...this.all, ...list.items.filter((row) => !known.has(row.id))]
      this.list = list
      this.#cursor = list.next_cursor ?? undefined
    }, cursor)
    this.#adding = false
  }

  /** Something changed. At the top the list is shown anew; elsewhere what changed changes in its place. */
  async refresh(atTop: boolean): Promise<void> {
    if (this.#adding || this.busy) return
    await this.#try((list) => {
      if (atTop) return this.#first(list)
      const fresh = new Map(list.items.map((row) => [row.id, row]))
      this.moved ||= list.items.some((row, n) => this.all[n]?.id !== row.id)
      this.all = this.all.map((row) => fresh.get(row.id) ?? row)
      this.list = { ...list, next_cursor: this.#cursor ?? null }
    })
  }

  /** What a reader comes back to. */
  keep(): { asked: Asked; all: DeviceRow[]; list: DeviceList | undefined; cursor: string | undefined } {
    return { asked: this.#asked, all: this.all, list: this.list, cursor: this.#cursor }
  }

  restore(from: ReturnType<Rows['keep']>): void {
    this.#asked = from.asked
    this.all = from.all
    this.list = from.list
    this.#cursor = from.cursor
  }
}
