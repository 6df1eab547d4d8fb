// Keys for VS Code's own commands that tests use again and again.
//
// The command palette draws and filters hundreds of commands each time, which costs more than most of what is tested. What is
// ours is run through the palette, as users do. serve.ts writes these keys into the profile.

/** The title in the palette, the command, and its key here. */
const COMMANDS = [
  ['Debug: Select and Start Debugging', 'workbench.action.debug.selectandstart', 'Control+Alt+Shift+S'],
  ['Remove All Breakpoints', 'workbench.debug.viewlet.action.removeAllBreakpoints', 'Control+Alt+Shift+B'],
] as const;

/** Leaves a window without breakpoints, watch expressions, messages, console entries and editors. */
export const CLEAN_KEY = 'Control+Alt+Shift+X';

const CLEANING = [
  'workbench.debug.viewlet.action.removeAllBreakpoints',
  'workbench.debug.viewlet.action.removeAllWatchExpressions',
  'workbench.debug.panel.action.clearReplAction',
  'notifications.clearAll',
  'workbench.action.closeAllEditors',
];

/** The key of a command by its title in the palette, if it has one. */
export function keyOf(title: string): string | undefined {
  return COMMANDS.find(([known]) => known === title)?.[2];
}

/** VS Code's `keybindings.json`. */
export function keybindings(): object[] {
  return [
    ...COMMANDS.map(([, command, key]) => ({ key: written(key), command })),
    { key: written(CLEAN_KEY), command: 'runCommands', args: { commands: CLEANING } },
  ];
}

/** A key of the browser as VS Code writes it. */
function written(key: string): string {
  return key.toLowerCase().replace('control', 'ctrl');
}
