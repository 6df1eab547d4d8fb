// Keys for VS Code's own commands that tests use again and again.
//
// The command palette draws and filters hundreds of commands each time, which costs more than most of what is tested. What is
// ours is run through the palette, as users do. serve.ts writes these keys into the profile.

export interface KeyedCommand {
  /** As the palette shows it. */
  readonly title: string;
  readonly command: string;
  readonly key: string;
  /** A list to choose from comes up. */
  readonly asks: boolean;
}

const COMMANDS: readonly KeyedCommand[] = [
  {
    title: 'Debug: Select and Start Debugging',
    command: 'workbench.action.debug.selectandstart',
    key: 'Control+Alt+Shift+S',
    asks: true,
  },
  {
    title: 'Remove All Breakpoints',
    command: 'workbench.debug.viewlet.action.removeAllBreakpoints',
    key: 'Control+Alt+Shift+B',
    asks: false,
  },
];

/** Leaves a window without breakpoints, watch expressions, messages, console entries and editors. */
export const CLEAN_KEY = 'Control+Alt+Shift+X';

/** Closes the panel and shows the Explorer, as in a window that was just opened. */
export const ARRANGE_KEY = 'Control+Alt+Shift+A';

const ARRANGING = ['workbench.action.closePanel', 'workbench.view.explorer'];
const CLEANING = [
  'workbench.debug.viewlet.action.removeAllBreakpoints',
  'workbench.debug.viewlet.action.removeAllWatchExpressions',
  'workbench.debug.panel.action.clearReplAction',
  'notifications.clearAll',
  'workbench.action.closeAllEditors',
];

/** A command that has a key, by its title in the palette. */
export function keyed(title: string): KeyedCommand | undefined {
  return COMMANDS.find((known) => known.title === title);
}

/** VS Code's `keybindings.json`. */
export function keybindings(): object[] {
  return [
    ...COMMANDS.map(({ command, key }) => ({ key: written(key), command })),
    { key: written(CLEAN_KEY), command: 'runCommands', args: { commands: CLEANING } },
    { key: written(ARRANGE_KEY), command: 'runCommands', args: { commands: ARRANGING } },
  ];
}

/** A key of the browser as VS Code writes it. */
function written(key: string): string {
  return key.toLowerCase().replace('control', 'ctrl');
}
