import { Refused } from './api'

/** Something asked of the collector. While it is asked again the last answer stays. */
export class Load<T> {
  data = $state<T | undefined>(undefined)
  problem = $state<Refused | undefined>(undefined)
  busy = $state(false)
  at = $state(0)
  #turn = 0

  async ask(question: () => Promise<T>): Promise<void> {
    const turn = ++this.#turn
    this.busy = true
    try {
      const data = await question()
      if (turn !== this.#turn) return
      this.data = data
      this.problem = undefined
      this.at = Date.now()
    } catch (error) {
      if (turn !== this.#turn) return
      this.problem = error instanceof Refused ? error : new Refused(0, 'This page failed.', 'Load it again.', '')
      if (this.problem.status === 401) dispatchEvent(new CustomEvent('holter:logged-out'))
    } finally {
      if (turn === this.#turn) this.busy = false
    }
  }
}
