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

  async remove(name: string): Promise<void> {
    await this.#change((views) => views.filter((view) => view.name !== name));
  }

  /** From what is kept now: all of them are written, and another window, or an answer that never came, must not cost one. */
  async #change(change: (views: FleetView[]) => FleetView[]): Promise<void> {
    const vault = session.current;
    const { views } = await rpc('view_list', {}, vault);
    await rpc('view_keep', { views: change(views) }, vault);
    await this.kept.load();
  }
}

export const fleetViews = new FleetViewStore();
