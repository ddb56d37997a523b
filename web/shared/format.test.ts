import { describe, expect, it } from 'vitest'
import {
  addDays,
  civilDay,
  clock,
  dateFrom,
  daysBetween,
  fenOf,
  isMasked,
  minutesOf,
  moment,
  number,
  temperature,
  timeOfDay,
  weekStart,
  yuan,
} from './format.ts'

const beijing = 'Asia/Shanghai'

describe('civil dates', () => {
  it('are those of the zone, not of this machine', () => {
    const at = new Date('2020-05-07T16:30:00Z')
    expect(civilDay(at, beijing)).toBe('2020-05-08')
    expect(clock(at, beijing)).toBe('00:30')
    expect(moment('2020-05-08T17:30:00+08:00', beijing)).toBe('2020-05-08 17:30')
  })
  it('add across months, leap days and years', () => {
    expect(addDays('2020-02-28', 1)).toBe('2020-02-29')
    expect(addDays('2019-12-31', 1)).toBe('2020-01-01')
    expect(addDays('2020-03-01', -1)).toBe('2020-02-29')
    expect(daysBetween('2020-01-26', '2020-05-08')).toBe(103)
  })
  it('begin the week on Monday', () => {
    expect(weekStart('2020-05-08')).toBe('2020-05-04')
    expect(weekStart('2020-05-04')).toBe('2020-05-04')
    expect(weekStart('2020-05-10')).toBe('2020-05-04')
  })
  it.each([
    ['5-8', '2020-05-08'],
    ['0508', '2020-05-08'],
    ['20200508', '2020-05-08'],
    ['2020/5/8', '2020-05-08'],
    ['2020年5月8日', '2020-05-08'],
    [' 2020-05-08 ', '2020-05-08'],
  ])('%s is read', (typed, date) => {
    expect(dateFrom(typed, '2020-01-31')).toBe(date)
  })
  it.each(['2020-02-30', '13-01', '5', 'tomorrow', '2020-5', ''])('%s is no date', (typed) => {
    expect(dateFrom(typed, '2020-01-31')).toBeNull()
  })
})

describe('money', () => {
  it('is shown and read in whole fen', () => {
    expect(yuan(6000000)).toBe('¥60,000.00')
    expect(yuan(-105)).toBe('-¥1.05')
    expect(fenOf('60,000')).toBe(6000000)
    expect(fenOf('￥0.1')).toBe(10)
    expect(fenOf('19.99')).toBe(1999)
    expect(fenOf('-1.05')).toBe(-105)
  })
  it('refuses what is no amount', () => {
    for (const text of ['1.234', 'abc', '', '1e3', '--1']) expect(fenOf(text)).toBeNull()
  })
})

describe('times of day', () => {
  it.each([
    ['8:30', '08:30'],
    ['0830', '08:30'],
    ['8：05', '08:05'],
    ['20', '20:00'],
    ['24:00', '24:00'],
  ])('%s is read', (typed, time) => {
    expect(timeOfDay(typed)).toBe(time)
  })
  it.each(['24:01', '8:60', 'noon', ''])('%s is no time', (typed) => {
    expect(timeOfDay(typed)).toBeNull()
  })
  it('count minutes', () => expect(minutesOf('08:30')).toBe(510))
})

describe('other values', () => {
  it('numbers have separators, nothing is a dash', () => {
    expect(number(177240)).toBe('177,240')
    expect(number(0)).toBe('0')
    expect(number(null)).toBe('—')
  })
  it('temperatures have one decimal', () => expect(temperature(37)).toBe('37.0 ℃'))
  it('masked values carry an asterisk', () => {
    expect(isMasked('138****5678')).toBe(true)
    expect(isMasked('13812345678')).toBe(false)
  })
})
