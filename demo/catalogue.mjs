/** The articles that the gateway sells: some popular, some sold out. */

/** Every article: number, price in cents, whether there is any left. */
export const ARTICLES = Array.from({ length: 64 }, (_, number) => ({
  sku: `SKU-${String(number).padStart(3, '0')}`,
  cents: 199 + number * 250,
  inStock: number % 16 !== 15,
}));

/** The article of that number, or undefined. */
export function findArticle(sku) {
  return BY_SKU.get(sku);
}

const BY_SKU = new Map(ARTICLES.map((article) => [article.sku, article]));
