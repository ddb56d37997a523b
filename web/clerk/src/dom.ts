// Elements made by hand: few enough that a framework would weigh more than the page.
export type Child = Node | string | null | false | undefined
export type Attributes = Record<string, string | number | boolean | null | undefined>

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false)
      element.setAttribute(name, value === true ? '' : String(value))
  }
  element.append(...children.filter((one): one is Node | string => Boolean(one)))
  return element
}

export function button(text: Child, kind: string, act: () => void, more: Attributes = {}) {
  const element = el('button', { type: 'button', class: kind, ...more }, text)
  element.addEventListener('click', act)
  return element
}
