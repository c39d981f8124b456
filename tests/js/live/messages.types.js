// Read by tsc alone, which fails where one of the lines below is no error: then a header, or a view, has become `any`.

/** @import { PixelWall } from "../../../nn_viz/ui/live/messages.js" */
/** @import { View } from "../../../nn_viz/ui/widgets/pixel_wall/pixel_wall.js" */

/** @type {(view: View, message: PixelWall) => unknown[]} */
export const misspelt = (view, { header, arrays }) => [
  // @ts-expect-error `notes`
  header.note,
  // @ts-expect-error `values`
  arrays.value,
  // @ts-expect-error `focused`
  view.focussed,
];
