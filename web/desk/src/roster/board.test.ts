import { describe, expect, it } from 'vitest'
import {
  type Board,
  isHard,
  minutesLong,
  missing,
  objections,
  type Person,
  type Shift,
} from './board.ts'

const person = (more: Partial<Person> = {}): Person => ({
  id: 'p1',
  title: '王伟',
  deployed: true,
  from: null,
  to: null,
  ...more,
})
const shift = (id: string, date: string, start: string, end: string, on: string[] = []): Shift => ({
  id,
  post: 'gate',
  date,
  start,
  end,
  required: 2,
  assignments: on.map((who) => ({
    id: `${id}-${who}`,
    responder: { id: who, title: who },
    state: 'due',
  })),
})
const board = (...shifts: Shift[]): Board => ({ posts: [], people: [], shifts })
const codes = (b: Board, p: Person, s: Shift) => objections(b, p, s).map((one) => one.code)

describe('the roster board', () => {
  const morning = shift('a', '2020-05-08', '08:00', '14:00')
  it('has nothing against a free, deployed person', () => {
    expect(codes(board(morning), person(), morning)).toEqual([])
  })
  it('never puts a person on the same shift twice', () => {
    const own = shift('a', '2020-05-08', '08:00', '14:00', ['p1'])
    expect(codes(board(own), person(), own)).toEqual(['same'])
  })
  it('finds an overlap, also past midnight, but not where one shift follows another', () => {
    const night = shift('n', '2020-05-07', '20:00', '02:00', ['p1'])
    const early = shift('e', '2020-05-08', '01:00', '05:00')
    expect(codes(board(night, early), person(), early)[0]).toBe('overlap')
    const following = shift('f', '2020-05-08', '02:00', '04:00')
    expect(codes(board(night, following), person(), following)).not.toContain('overlap')
  })
  it('takes a cancelled assignment for none', () => {
    const own = shift('a', '2020-05-08', '08:00', '14:00', ['p1'])
    const [one] = own.assignments
    if (one) one.state = 'cancelled'
    expect(codes(board(own), person(), morning)).toEqual([])
    expect(missing(own)).toBe(2)
  })
  it('knows when a person is deployed', () => {
    expect(codes(board(morning), person({ from: '2020-05-09' }), morning)).toEqual(['not_deployed'])
    expect(codes(board(morning), person({ to: '2020-05-07' }), morning)).toEqual(['not_deployed'])
    expect(codes(board(morning), person({ deployed: false }), morning)).toEqual(['not_deployed'])
  })
  it('warns of more than eight hours a day and of a short rest, without forbidding it', () => {
    const own = shift('a', '2020-05-08', '08:00', '14:00', ['p1'])
    const evening = shift('b', '2020-05-08', '16:00', '20:00')
    const next = shift('c', '2020-05-09', '00:00', '04:00')
    const long = objections(board(own, evening), person(), evening)
    expect(long.map((one) => one.code)).toEqual(['day_hours'])
    expect(long.some(isHard)).toBe(false)
    expect(codes(board(own, next), person(), next)).toEqual(['rest'])
  })
  it('counts a shift that ends at midnight or after', () => {
    expect(minutesLong({ date: '2020-05-08', start: '20:00', end: '02:00' })).toBe(360)
    expect(minutesLong({ date: '2020-05-08', start: '20:00', end: '24:00' })).toBe(240)
  })
})
