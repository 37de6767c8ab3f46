// A company's colour, if it is one: it goes into a custom property, so nothing but a colour may get there.

/** The brand colour if it reads `#rrggbb`, otherwise nothing. */
export function brandOf(company: { brand: string | null }): string | undefined {
  return company.brand && /^#[0-9a-f]{6}$/i.test(company.brand) ? company.brand : undefined;
}
