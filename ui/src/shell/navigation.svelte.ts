import { sameRoute, type Route } from './routes';

const longest = 50;

/** Where the page is, and the way back. */
export class Navigation {
  route = $state.raw<Route>({ screen: 'fleet' });
  #past: Route[] = [];

  go(route: Route): void {
    if (sameRoute(route, this.route)) return;
    this.#past = [...this.#past.slice(1 - longest), this.route];
    this.route = route;
  }

  back(): void {
    const before = this.#past.pop();
    if (before) this.route = before;
  }
}
