/**
 * Runs `work`, in which xterm is opened. It makes `<style>` elements, which the content security policy of the page forbids: it gets
 * stand-ins, whose text goes into constructed style sheets instead, which the policy allows. They leave the document with it.
 */
export function withConstructedStyles(page: Document, work: () => void): void {
  const make = page.createElement.bind(page);
  page.createElement = ((name: string, options?: ElementCreationOptions) => (name === 'style' ? standIn(page, make('span')) : make(name, options))) as typeof page.createElement;
  try {
    work();
  } finally {
    // The method of the prototype is seen again.
    Reflect.deleteProperty(page, 'createElement');
  }
}

function standIn(page: Document, element: HTMLElement): HTMLElement {
  const sheet = new CSSStyleSheet();
  page.adoptedStyleSheets = [...page.adoptedStyleSheets, sheet];
  element.hidden = true;
  Object.defineProperty(element, 'textContent', { set: (text: string) => { sheet.replaceSync(text); } });
  element.remove = () => {
    page.adoptedStyleSheets = page.adoptedStyleSheets.filter((other) => other !== sheet);
    Element.prototype.remove.call(element);
  };
  return element;
}
