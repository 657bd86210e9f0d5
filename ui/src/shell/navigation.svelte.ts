import { sameRoute, type Route, type Screen } from './routes';

const longest = 50;

/** Where one goes as soon as another vault is shown: its page begins anew. */
export const arrival: { route: Route | null } = { route: null };

/** Where the page is, and the way back. */
export class Navigation {
  route = $state.raw<Route>({ screen: 'fleet' });
  /** Where one was before the guide was opened. */
  cameFrom = $state.raw<Route | null>(null);
  #past: Route[] = [];

  go(route: Route): void {
    if (sameRoute(route, this.route)) return;
    this.#past = [...this.#past.slice(1 - longest), this.route];
    this.#set(route);
  }

  /** Where a screen leads to. What it had asked for may be answered after it was left: that leads nowhere any more. */
  goFrom(screen: Screen, route: Route): void {
    if (this.route.screen === screen) this.go(route);
  }

  back(): void {
    const before = this.#past.pop();
    if (before) this.#set(before);
  }

  #set(route: Route): void {
    if (route.screen === 'guide' && this.route.screen !== 'guide') this.cameFrom = this.route;
    this.route = route;
  }
}
