import type { FleetView } from '$generated/api';
import { Resource, rpc, session } from '$ipc';

/** Views of the fleet that are kept in the vault: their names and selectors name clients. */
class FleetViewStore {
  readonly kept = new Resource<FleetView[]>(async () => (await rpc('view_list', {})).views);

  get list(): readonly FleetView[] {
    return this.kept.value ?? [];
  }

  /** Keeps a view in the place of one of the same name, else after the others. */
  async keep(view: FleetView): Promise<void> {
    await this.#change((views) => {
      const at = views.findIndex((other) => other.name === view.name);
      return at < 0 ? [...views, view] : views.with(at, view);
    });
  }

  /** Removes a view; gives the way to put it back in its place. */
  async remove(name: string): Promise<() => Promise<void>> {
    const vault = session.current;
    let removed: { view: FleetView; at: number } | null = null;
    await this.#change((views) => {
      const at = views.findIndex((view) => view.name === name);
      const view = views[at];
      if (view) removed = { view, at };
      return views.filter((other) => other !== view);
    });
    return () => this.#putBack(removed, vault);
  }

  /** A view of the same name that was kept meanwhile stays. */
  async #putBack(removed: { view: FleetView; at: number } | null, vault: string | null): Promise<void> {
    if (removed === null) return;
    const { view, at } = removed;
    await this.#change((views) => (views.some((other) => other.name === view.name) ? views : views.toSpliced(at, 0, view)), vault);
  }

  /** From what is kept now: all of them are written, and another window, or an answer that never came, must not cost one. */
  async #change(change: (views: FleetView[]) => FleetView[], vault = session.current): Promise<void> {
    const { views } = await rpc('view_list', {}, vault);
    await rpc('view_keep', { views: change(views) }, vault);
    await this.kept.load();
  }
}

export const fleetViews = new FleetViewStore();
