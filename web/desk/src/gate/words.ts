// Words of the gate's pages that more than one of them says.
import { dictionary } from '@shared/i18n.ts'

export const gate = dictionary({
  gate: ['卡口', 'Gate'],
  allGates: ['全部卡口', 'All gates'],
  in: ['进', 'In'],
  out: ['出', 'Out'],
  h: ['小时', 'h'],
  min: ['分', 'min'],
  household: ['住户', 'Household'],
  compound: ['小区', 'Compound'],
  building: ['楼栋', 'Building'],
  pass: ['出入证', 'Pass'],
  until: ['有效至', 'until'],
})
